//! What a process has one of, and can be given once: loggers and subscribers.

/// What happens if it was installed before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Install {
    /// It panics.
    OrPanics,
    /// It gives an error.
    OrFails,
}

/// Functions by path, and methods of what [`makes_global`] by name.
const INSTALLS: &[(&str, Install)] = &[
    ("init", Install::OrPanics),
    ("try_init", Install::OrFails),
    ("tracing_subscriber::fmt::init", Install::OrPanics),
    ("tracing_subscriber::fmt::try_init", Install::OrFails),
    ("tracing::subscriber::set_global_default", Install::OrFails),
    ("env_logger::init", Install::OrPanics),
    ("env_logger::init_from_env", Install::OrPanics),
    ("env_logger::try_init", Install::OrFails),
    ("pretty_env_logger::init", Install::OrPanics),
    ("pretty_env_logger::try_init", Install::OrFails),
    ("log::set_logger", Install::OrFails),
    ("log::set_boxed_logger", Install::OrFails),
    ("console_subscriber::init", Install::OrPanics),
];

/// The libraries whose builders install what they make.
const GLOBAL: &[&str] =
    &["tracing_subscriber", "env_logger", "pretty_env_logger", "simple_logger", "simplelog", "console_subscriber"];

/// Whether a function or method, by path or name, installs something for the whole process.
pub fn installs(name: &str) -> Option<Install> {
    INSTALLS.iter().find(|(known, _)| *known == name).map(|(_, how)| *how)
}

/// Whether a path is a function of a library that makes what a process has one of.
pub fn makes_global(path: &str) -> bool {
    path.split("::").next().is_some_and(|krate| GLOBAL.contains(&krate))
}
