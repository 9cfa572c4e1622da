"""Cleaning: from the cells of a row to one canonical dose, with every problem and every repair told."""
