//! Texts that made questions run for ever.
