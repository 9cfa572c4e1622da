"""HL7 FHIR R4 bundles of Immunization and Patient -> the rows that a dose list would give: specs/fhir.md.

`json_text` bytes -> JSON; `bundle` JSON -> rows in intake's own columns (`patient`, `immunization`, `references`,
`elements` on its way); `answer` what became of them -> a response. All of it is pure but `take`, which stores
a bundle and cleans its rows in one go.
"""
