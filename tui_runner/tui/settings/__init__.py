"""What users say about the screen in their settings file, checked. Must not import Textual: `doctor` reads it too."""
