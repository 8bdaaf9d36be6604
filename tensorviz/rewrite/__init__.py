"""Rewriting: patterns, rules as data, the sweeping engine and its history, named passes."""
