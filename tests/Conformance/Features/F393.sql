-- F393: Unicode escapes in literals
SELECT U&'d\0061t\+000061', U&'d!0061t' UESCAPE '!';
--> data|dat
