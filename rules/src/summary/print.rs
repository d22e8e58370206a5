//! A summary as text, for tests and for people who debug the lowering.
