-- F392: Unicode escapes in identifiers
CREATE TABLE U&"t\0061b" (U&"d!0061t" UESCAPE '!' INT);
SELECT dat FROM tab;
