"""What training, serving and text cost, each by dated prices, with the methods side by side."""

from nextflop.outlook.cost.ask import Cost, cost
from nextflop.outlook.cost.served import Serve, Served
from nextflop.outlook.cost.serving import Machine, Transformer, kinetics
from nextflop.outlook.cost.training import Method, Training
from nextflop.outlook.cost.trend import CostGrowth, cost_growth

__all__ = [
    "Cost",
    "CostGrowth",
    "Machine",
    "Method",
    "Serve",
    "Served",
    "Training",
    "Transformer",
    "cost",
    "cost_growth",
    "kinetics",
]
