"""From attested doses to signed certificates: the national signer.

`series` chooses the dose, `payload_of` and `rules` say what is signed, `reservation` what may still be, `sign` makes
the text (`base45_table` its last step), `certify` is the run over the register that a killed signer takes up again.
"""
