"""How long somebody stays and what they will buy: BG/NBD, Pareto/NBD and Gamma-Gamma, with intervals."""
