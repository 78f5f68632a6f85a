"""Commands of the program ``textclean`` that stand on their own."""
