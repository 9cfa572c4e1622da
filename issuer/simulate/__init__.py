"""A make-believe country: a population register, dose files as facilities really write them, and the truth kept apart.

The path: `people` draws households and numbers, `doses` what they were given, `layouts` how a facility writes,
`defects` what goes wrong and how often, `writing` puts the files down, `deltas` lets the register move on, and
`country` runs all of it block by block, so that memory does not grow with the country. Everything follows from one
seed. What is made, and at which rates, stands in `specs/simulator.md`. No person here exists.
"""
