"""Extractive question answering in Spanish: data, training, inference, evaluation, calibration."""
