//! What names say that people give to functions and types of their own.

/// How names begin of what is done before anything else.
const SETS_UP: &[&str] = &["init", "setup", "set_up", "bootstrap"];

/// Whether a function is called once for each value, as its name says: it makes the value ready.
pub fn makes_ready(name: &str) -> bool {
    const BEGINS: &[&str] = &["build", "new", "with_"];
    BEGINS.iter().chain(SETS_UP).any(|word| name.starts_with(word))
}

/// Whether a function sets something going, as its name says.
pub fn sets_going(name: &str) -> bool {
    const BEGINS: &[&str] = &["start", "run", "spawn", "launch", "begin", "open", "listen", "serve", "connect"];
    BEGINS.iter().any(|word| name.starts_with(word))
}

/// Whether a function makes things ready for those who come after it, as its name says: what it starts outlives it.
pub fn sets_up(name: &str) -> bool {
    const BEGINS: &[&str] = &["install", "register"];
    BEGINS.iter().chain(SETS_UP).any(|word| name.starts_with(word))
}

/// Whether a function closes what it belongs to, as its name says.
pub fn says_end(name: &str) -> bool {
    const WORDS: &[&str] = &["shutdown", "stop", "close", "terminate", "teardown", "destroy", "dispose", "kill"];
    // `set_cancel_on_close`, `on_close`, `is_stopped` only speak of it.
    const ABOUT: &[&str] = &["set", "get", "is", "has", "with", "on"];
    let speaks_of_it =
        name.split('_').any(|word| word == "on") || name.split('_').next().is_some_and(|it| ABOUT.contains(&it));
    !speaks_of_it && name.split('_').any(|word| WORDS.contains(&word))
}

/// Whether a type is what a task waits for to be told to stop, as its name says: `ShutdownSignal`, `StopListener`.
pub fn is_stop_signal(name: &str) -> bool {
    const WHAT: &[&str] = &["Shutdown", "Stop", "Terminate", "Termination", "Exit", "Cancel"];
    const HOW: &[&str] = &["Signal", "Listener", "Receiver", "Watcher", "Future"];
    WHAT.iter().any(|word| name.contains(word)) && HOW.iter().any(|word| name.ends_with(word))
}

/// Whether a function makes a stream that goes on for as long as its state gives something.
pub fn unfolds(path: &str) -> bool {
    matches!(path, "futures::stream::unfold" | "futures::stream::try_unfold")
}

/// Whether a function opens a connection, as its name says.
pub fn opens_connection(name: &str) -> bool {
    matches!(name, "subscribe" | "client_async" | "connect") || name.starts_with("connect_")
}

/// Whether a collection has a bound of its own, as the name of its type says.
pub fn is_bounded_collection(name: &str) -> bool {
    const WORDS: &[&str] =
        &["Lru", "Array", "Ring", "Circular", "Bounded", "Heapless", "Extensions", "Counter", "Histogram"];
    WORDS.iter().any(|word| name.contains(word))
}

/// Whether a collection is known to grow, by the name of its type.
pub fn is_growing_collection(name: &str) -> bool {
    matches!(name, "SegQueue" | "Slab")
}

/// Whether a trait is one of what can be called.
pub fn is_callable_trait(name: &str) -> bool {
    matches!(name, "Fn" | "FnMut" | "FnOnce" | "AsyncFn" | "AsyncFnMut" | "AsyncFnOnce")
}

/// Whether a trait is what runs when a value is dropped.
pub fn is_drop_trait(name: &str) -> bool {
    matches!(name, "Drop" | "PinnedDrop")
}

/// Whether a derived trait makes values that can be copied.
pub fn is_copying_trait(name: &str) -> bool {
    matches!(name, "Copy" | "Clone")
}

/// Whether a derived trait makes a type what the command line of a program is read into: there is one value of it.
pub fn reads_command_line(name: &str) -> bool {
    matches!(name, "Parser" | "Subcommand" | "Args" | "StructOpt" | "FromArgs")
}

/// Whether a trait can be derived for a type that has an owner of a task in it.
pub fn is_derivable_with_owner(name: &str) -> bool {
    matches!(name, "Debug" | "Default")
}

/// Whether a trait can be derived for a type that shares a set of tasks with its copies.
pub fn is_derivable_with_shared_set(name: &str) -> bool {
    is_derivable_with_owner(name) || name == "Clone"
}

/// Whether a type is one around another that may be missing.
pub fn is_fallible_type(name: &str) -> bool {
    // `io::Result`, and what others name theirs: `BoxResult<T>`.
    name == "Option" || name.ends_with("Result")
}

/// Whether a type of that name only says how it went: nothing lives on in a value of it.
pub fn is_news(name: &str) -> bool {
    matches!(
        name,
        "bool"
            | "char"
            | "u8"
            | "u16"
            | "u32"
            | "u64"
            | "u128"
            | "usize"
            | "i8"
            | "i16"
            | "i32"
            | "i64"
            | "i128"
            | "isize"
            | "f32"
            | "f64"
            | "String"
            | "Duration"
            | "ExitCode"
            | "ExitStatus"
    )
}

/// Whether a constant, as it is written, is the largest number of its type.
pub fn is_largest_number(written: &str) -> bool {
    matches!(written, "u64::MAX" | "u32::MAX" | "i64::MAX" | "usize::MAX")
}
