"""HL7 FHIR R4 bundles of Immunization and Patient -> the rows that a dose list would give: specs/fhir.md.

`json_text` bytes -> JSON; `bundle` JSON -> rows in intake's own columns (`patient`, `immunization`, `references`,
`elements` on its way); `answer` what became of them -> a response. Pure throughout: nothing here stores or fetches.
"""
