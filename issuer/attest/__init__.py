"""One signature of a facility head over all doses that wait for it: `specs/attestation.md`.

`batch` prepares and signs, `summary` is what the head sees before, `attested` is the gate that every certificate
passes, `recheck` goes back to what was signed years later.
"""
