"""Recipes: published experiments that ship with the package, with the figures their authors reported."""
