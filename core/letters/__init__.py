"""What letters are made of before they are rendered: facts, prose, colours."""
