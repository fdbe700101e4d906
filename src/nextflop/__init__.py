"""Where should the next unit of compute go? Measure, fit, judge, plan, report."""

__version__ = "0.1.0"
