-- T622: Trigonometric functions
SELECT SIN(0), COS(0), TAN(0), ATAN(0), ASIN(0), ACOS(1);
--> 0|1|0|0|0|0
