-- T441: ABS and MOD functions
SELECT ABS(-5), MOD(7, 3);
--> 5|1
