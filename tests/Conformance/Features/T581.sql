-- T581: Regular expression substring function
SELECT SUBSTRING('abcdef' SIMILAR 'a#"b%d#"%' ESCAPE '#');
--> bcd
