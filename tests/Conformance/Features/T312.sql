-- T312: OVERLAY function
SELECT OVERLAY('abcdef' PLACING 'XX' FROM 3), OVERLAY('abcdef' PLACING 'XX' FROM 3 FOR 1);
--> abXXef|abXXdef
