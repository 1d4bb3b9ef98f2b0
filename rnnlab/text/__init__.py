"""Text for a screen: styled lines, numbers as people read them, palette, and the one sanitiser."""
