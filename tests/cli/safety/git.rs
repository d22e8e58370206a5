//! What git could be made to run.
