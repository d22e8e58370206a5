//! Files that are not for writing.
