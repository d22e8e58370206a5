//! Macros by name: what they do with their arguments.

/// What a macro does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Macro {
    /// Prints.
    Prints,
    /// Makes a text.
    Formats,
    /// Writes a text into its first argument, and says whether that went well.
    Writes,
    /// Tells a log or a subscriber of tracing.
    Logs,
    /// Makes a span of tracing.
    Spans,
    /// Asks whether a pattern matches.
    Matches,
    /// Panics unless something holds.
    Asserts,
    /// The same, in debug builds only.
    DebugAsserts,
    /// Panics.
    Panics,
    /// Panics where nobody comes.
    PanicsNowhere,
    /// Returns an error: anyhow, eyre, snafu.
    ReturnsError,
    /// Returns an error unless something holds.
    Ensures,
    /// Waits for all of its arguments.
    Joins,
    /// Waits for the first of its arms.
    Selects,
    /// Makes a collection of its arguments.
    Collects,
    /// Pins its argument.
    Pins,
    /// Prints its argument and gives it.
    Shows,
}

const MACROS: &[(&str, Macro)] = &[
    ("println", Macro::Prints),
    ("eprintln", Macro::Prints),
    ("print", Macro::Prints),
    ("eprint", Macro::Prints),
    ("format", Macro::Formats),
    ("format_args", Macro::Formats),
    ("write", Macro::Writes),
    ("writeln", Macro::Writes),
    ("trace", Macro::Logs),
    ("debug", Macro::Logs),
    ("info", Macro::Logs),
    ("warn", Macro::Logs),
    ("error", Macro::Logs),
    ("event", Macro::Logs),
    ("log", Macro::Logs),
    ("span", Macro::Spans),
    ("trace_span", Macro::Spans),
    ("debug_span", Macro::Spans),
    ("info_span", Macro::Spans),
    ("warn_span", Macro::Spans),
    ("error_span", Macro::Spans),
    ("matches", Macro::Matches),
    ("assert", Macro::Asserts),
    ("assert_eq", Macro::Asserts),
    ("assert_ne", Macro::Asserts),
    ("debug_assert", Macro::DebugAsserts),
    ("debug_assert_eq", Macro::DebugAsserts),
    ("debug_assert_ne", Macro::DebugAsserts),
    ("panic", Macro::Panics),
    ("todo", Macro::Panics),
    ("unimplemented", Macro::Panics),
    ("unreachable", Macro::PanicsNowhere),
    ("bail", Macro::ReturnsError),
    ("whatever", Macro::ReturnsError),
    ("return_err", Macro::ReturnsError),
    ("ensure", Macro::Ensures),
    ("ensure_whatever", Macro::Ensures),
    ("join", Macro::Joins),
    ("try_join", Macro::Joins),
    ("select", Macro::Selects),
    ("select_biased", Macro::Selects),
    ("vec", Macro::Collects),
    ("smallvec", Macro::Collects),
    ("pin", Macro::Pins),
    ("pin_mut", Macro::Pins),
    ("dbg", Macro::Shows),
];

/// What a macro of that name does, if the catalogue knows it.
pub fn macro_named(name: &str) -> Option<Macro> {
    MACROS.iter().find(|(known, _)| *known == name).map(|(_, does)| *does)
}

impl Macro {
    /// Whether it looks at its arguments and keeps nothing.
    pub fn peeks(self) -> bool {
        self.tells()
            || self.panics()
            || matches!(self, Macro::Writes | Macro::Spans | Macro::Matches | Macro::Asserts | Macro::DebugAsserts)
    }

    /// Whether it prints or logs, or makes a text for that.
    pub fn tells(self) -> bool {
        self.logs() || self == Macro::Formats
    }

    /// Whether it prints or logs.
    pub fn logs(self) -> bool {
        matches!(self, Macro::Prints | Macro::Logs)
    }

    /// Whether it panics, whatever holds.
    pub fn panics(self) -> bool {
        matches!(self, Macro::Panics | Macro::PanicsNowhere)
    }

    /// Whether nothing behind it runs.
    pub fn leaves(self) -> bool {
        self.panics() || self == Macro::ReturnsError
    }
}

/// Whether a macro of an unknown name is, as that reads, one that logs or counts and does not leave.
pub fn reads_as_log(name: &str) -> bool {
    const LEAVES: &[&str] = &["return", "break", "continue", "bail", "throw", "exit"];
    const LOGS: &[&str] = &[
        "trace",
        "debug",
        "info",
        "warn",
        "error",
        "crit",
        "log",
        "print",
        "count",
        "gauge",
        "histogram",
        "metric",
        "inc",
    ];
    LOGS.iter().any(|part| name.contains(part)) && !LEAVES.iter().any(|part| name.contains(part))
}
