"""The console in a browser: forms and pages over `issuer.worklist`, no rule of its own. Works without JavaScript."""
