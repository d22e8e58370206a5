//! The catalogue: what the library functions of the async ecosystem do.
