-- T623: General logarithm functions
SELECT LOG(2.0, 8.0);
--> 3.0000000000000000
