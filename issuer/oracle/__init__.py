"""The remote oracle: where the population register may not be copied, four facts are asked and đúng or sai is answered.

`contract` is the wire, `transport` HTTP, `client` one batch with its retries, `run` the step on the register of doses.
The contract and its rules: `specs/oracle.md`.
"""
