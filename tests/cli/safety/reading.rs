//! Files that are not for reading.
