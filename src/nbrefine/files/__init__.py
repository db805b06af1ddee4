"""Files written whole, and what identifies their content."""
