-- T624: Common logarithm functions
SELECT LOG10(100), LOG(1000);
--> 2|3
