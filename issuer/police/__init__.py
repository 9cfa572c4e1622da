"""Police-signed lists (CV 2262 step 4): they correct persons on records that stand, and create no doses."""
