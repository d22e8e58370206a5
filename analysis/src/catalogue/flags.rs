//! What methods of an atomic flag do with it.

/// What a method does with a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlagUse {
    /// Looks at it.
    Reads,
    /// Puts an argument there, counted from 0.
    Puts(usize),
    /// Makes it `true`, if anything.
    Raises,
    /// Makes it `false`, if anything.
    Lowers,
}

/// What a method of that name does with a flag; `None` where it may do anything.
pub fn flag_use(method: &str) -> Option<FlagUse> {
    Some(match method {
        "load" => FlagUse::Reads,
        "store" | "swap" => FlagUse::Puts(0),
        "compare_exchange" | "compare_exchange_weak" | "compare_and_swap" => FlagUse::Puts(1),
        "fetch_or" => FlagUse::Raises,
        "fetch_and" => FlagUse::Lowers,
        _ => return None,
    })
}
