-- T621: Enhanced numeric functions
SELECT ROUND(CAST(SQRT(16) AS NUMERIC), 1), POWER(2, 3), FLOOR(1.5), CEILING(1.5), EXP(0), LN(1), WIDTH_BUCKET(5, 0, 10, 5);
--> 4.0|8|1|2|1|0|3
SELECT stddev_pop(a), var_samp(a), corr(a, a), regr_slope(a, a), covar_pop(a, a) FROM (VALUES (1.0E0), (3.0E0)) AS v (a);
--> 1.00000000000000000000|2.0000000000000000|1|1|1
