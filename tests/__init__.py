"""Tests of kg: each states one rule."""
