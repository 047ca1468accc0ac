"""The screens: one file each, drawing what a person sees and taking what they tap."""
