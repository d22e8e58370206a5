//! Functions of the libraries: what they do with their argument.

/// What a function of a canonical path does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// Puts a value behind a pointer that nobody else has.
    Boxes,
    /// Puts a value behind a pointer that may be shared.
    Shares,
    /// Puts it behind a pinned pointer, or gives one again.
    Pins,
    /// Gives another one of the same.
    Clones,
    /// Puts it into an `Option` or a `Result` as what is wanted.
    Carries,
    /// Puts it into a `Result` as the error.
    Fails,
    /// Puts it into a cell or behind a lock.
    Holds,
    /// Makes a cell whose closure runs once, at the first use.
    Defers,
    /// Makes a value of another type.
    Converts,
    /// Gives a future that does the same.
    Dresses,
    /// Drops it.
    Drops,
    /// Lets it live for ever, and gives nothing back.
    Forgets,
    /// Lets it live for ever.
    Leaks,
    /// Gives what stands at a place, and puts something else there.
    TakesOut,
    /// Gives it to a closure when it is dropped.
    Guards,
    /// Gives an iterator that does not end.
    Repeats,
    /// Gives a future that is ready.
    Ready,
    /// Makes a token that nobody else has.
    MakesToken,
    /// Gives a token that is cancelled with another one.
    SharesToken,
}

const FUNCTIONS: &[(&str, Function)] = &[
    ("std::boxed::Box::new", Function::Boxes),
    ("std::sync::Arc::new", Function::Shares),
    ("std::rc::Rc::new", Function::Shares),
    ("std::boxed::Box::pin", Function::Pins),
    ("std::pin::Pin::new", Function::Pins),
    ("std::pin::Pin::from", Function::Pins),
    ("std::pin::Pin::as_mut", Function::Pins),
    ("std::sync::Arc::clone", Function::Clones),
    ("std::rc::Rc::clone", Function::Clones),
    ("std::clone::Clone::clone", Function::Clones),
    ("std::option::Option::Some", Function::Carries),
    ("std::result::Result::Ok", Function::Carries),
    ("std::result::Result::Err", Function::Fails),
    ("std::sync::LazyLock::new", Function::Defers),
    ("std::convert::From::from", Function::Converts),
    ("std::panic::AssertUnwindSafe", Function::Dresses),
    ("tokio::task::unconstrained", Function::Dresses),
    ("tokio::task::coop::unconstrained", Function::Dresses),
    ("async_compat::Compat::new", Function::Dresses),
    ("std::mem::drop", Function::Drops),
    ("std::mem::forget", Function::Forgets),
    ("std::boxed::Box::leak", Function::Leaks),
    ("std::mem::ManuallyDrop::new", Function::Leaks),
    ("std::mem::take", Function::TakesOut),
    ("std::mem::replace", Function::TakesOut),
    ("std::option::Option::take", Function::TakesOut),
    ("scopeguard::guard", Function::Guards),
    ("scopeguard::guard_on_unwind", Function::Guards),
    ("std::iter::repeat", Function::Repeats),
    ("std::iter::repeat_with", Function::Repeats),
    ("std::future::ready", Function::Ready),
    ("futures::future::ready", Function::Ready),
    ("tokio_util::sync::CancellationToken::new", Function::MakesToken),
    ("tokio_util::sync::CancellationToken::default", Function::MakesToken),
    ("std::default::Default::default", Function::MakesToken),
    ("tokio_util::sync::CancellationToken::child_token", Function::SharesToken),
    ("tokio_util::sync::CancellationToken::clone", Function::SharesToken),
];

/// Constructors of cells and locks, of whatever library.
const CELLS: &[&str] = &["Mutex::new", "RwLock::new", "RefCell::new"];

/// Constructors that derives write, so that the text shows none.
const DERIVED: &[(&str, Derived)] = &[
    ("default", Derived::Plain),
    ("parse", Derived::Plain),
    ("parse_from", Derived::Plain),
    ("from_args", Derived::Plain),
    ("from_iter", Derived::Plain),
    ("from_arg_matches", Derived::Fallible),
    ("try_parse", Derived::Fallible),
    ("try_parse_from", Derived::Fallible),
];

/// What a constructor that a derive writes gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Derived {
    /// The type that derives it.
    Plain,
    /// A `Result` of it.
    Fallible,
}

impl Derived {
    /// Whether it gives a `Result`.
    pub fn may_fail(self) -> bool {
        self == Derived::Fallible
    }
}

/// What an associated function of that name gives, on a type that has none of that name in its text.
pub fn derived_constructor(name: &str) -> Option<Derived> {
    DERIVED.iter().find(|(known, _)| *known == name).map(|(_, gives)| *gives)
}

/// What the function of a path does, if the catalogue knows it.
pub fn function(path: &str) -> Option<Function> {
    let known = FUNCTIONS.iter().find(|(known, _)| *known == path).map(|(_, does)| *does);
    known.or_else(|| CELLS.iter().any(|cell| path.ends_with(cell)).then_some(Function::Holds))
}

impl Function {
    /// Whether it puts a value behind a pointer.
    pub fn points(self) -> bool {
        matches!(self, Function::Boxes | Function::Shares)
    }

    /// Whether what it gives is its argument, as far as a value is followed back.
    pub fn gives_same(self) -> bool {
        self.gives_future() || self == Function::Clones
    }

    /// Whether what it gives runs the future that is its argument.
    pub fn gives_future(self) -> bool {
        self.points() || matches!(self, Function::Pins | Function::Dresses)
    }

    /// Whether what it gives has its argument in it, by value.
    pub fn holds(self) -> bool {
        self.points() || matches!(self, Function::Carries | Function::Holds)
    }
}

/// What a function of whatever library does, as far as its last name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Gives something that has its argument in it.
    Holds,
    /// Gives another one of its argument.
    Clones,
    /// Gives something with nothing in it, if it has no argument.
    MakesEmpty,
    /// Makes a value of the type before its name.
    Constructs,
    /// Gives a future that runs its argument.
    RunsArgument,
    /// Waits for its argument.
    AwaitsArgument,
    /// Is no work.
    Plain,
}

use Call::{AwaitsArgument, Clones, Constructs, Holds, MakesEmpty, Plain, RunsArgument};

const BY_NAME: &[(&str, &[Call])] = &[
    ("Some", &[Holds, Plain]),
    ("Ok", &[Holds, Plain]),
    ("Err", &[Plain]),
    ("new", &[Holds, MakesEmpty, Constructs, RunsArgument]),
    ("from", &[Holds, Constructs, RunsArgument, Plain]),
    ("from_pointee", &[Holds]),
    ("default", &[MakesEmpty]),
    ("with_capacity", &[MakesEmpty]),
    ("pin", &[Holds, RunsArgument]),
    ("clone", &[Clones]),
    ("AssertUnwindSafe", &[Holds, RunsArgument]),
    ("unconstrained", &[RunsArgument]),
    ("cooperative", &[RunsArgument]),
    ("instrument_with", &[RunsArgument]),
    // The variants of `Either`.
    ("Left", &[Holds]),
    ("Right", &[Holds]),
    ("once", &[Holds]),
    ("iter", &[Holds]),
    ("ready", &[Holds]),
    ("Ready", &[Holds]),
    ("block_on", &[AwaitsArgument]),
    ("join_all", &[AwaitsArgument]),
    ("try_join_all", &[AwaitsArgument]),
    ("join", &[AwaitsArgument]),
    ("drop", &[Plain]),
    ("now", &[Plain]),
];

/// Whether a call does something, by the last name in the function's path.
pub fn call_does(path: &str, does: Call) -> bool {
    let last = path.rsplit("::").next().unwrap_or(path);
    BY_NAME.iter().any(|(name, all)| *name == last && all.contains(&does))
}

/// The names of all functions of a kind.
pub fn calls_that(does: Call) -> impl Iterator<Item = &'static str> {
    BY_NAME.iter().filter(move |(_, all)| all.contains(&does)).map(|(name, _)| *name)
}

/// Whether a call, as it is written, ends the process.
pub fn ends_process(written: &str) -> bool {
    ["process::exit", "process::abort"].iter().any(|end| written.ends_with(end))
}

/// A variant of the standard library or of a channel's errors, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// `Some`
    Some,
    /// `None`
    None,
    /// `Ok`
    Ok,
    /// `Err`
    Err,
    /// An error that says: not now.
    NotNow,
}

impl Variant {
    /// Whether it is one of an `Option`.
    pub fn is_of_option(self) -> bool {
        matches!(self, Variant::Some | Variant::None)
    }

    /// Whether it is what is wanted.
    pub fn is_success(self) -> bool {
        matches!(self, Variant::Some | Variant::Ok)
    }

    /// Whether it says that something is gone or went wrong.
    pub fn is_failure(self) -> bool {
        matches!(self, Variant::None | Variant::Err)
    }

    /// Whether it is one of a `Result`.
    pub fn is_of_result(self) -> bool {
        matches!(self, Variant::Ok | Variant::Err)
    }
}

/// The variant of that name.
pub fn variant(name: &str) -> Option<Variant> {
    Some(match name {
        "Some" => Variant::Some,
        "None" => Variant::None,
        "Ok" => Variant::Ok,
        "Err" => Variant::Err,
        "Lagged" | "Empty" | "Full" | "Timeout" => Variant::NotNow,
        _ => return None,
    })
}
