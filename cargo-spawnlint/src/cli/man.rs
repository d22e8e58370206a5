//! `cargo spawnlint man`: the manual, with all commands on one page.

use super::{
    args::Args,
    io::{Exit, Io},
};
use anyhow::Result;
use clap::{Command, CommandFactory};
use clap_mangen::{
    Man,
    roff::{Roff, bold, roman},
};

pub(super) fn print(io: &mut Io<'_>) -> Result<Exit> {
    let mut command = Args::command().disable_help_subcommand(true);
    command.build();
    let mut page = Vec::new();
    let version = format!("cargo-spawnlint {}", command.get_version().unwrap_or_default());
    let man = Man::new(command.clone()).title("CARGO-SPAWNLINT").source(version).manual("Cargo");
    man.render_title(&mut page)?;
    let mut roff = Roff::new();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    roff.control("SH", ["NAME"]).text([roman(format!("cargo-spawnlint - {about}"))]);
    roff.control("SH", ["SYNOPSIS"]);
    usage(&command, &mut roff);
    for command in command.get_subcommands() {
        roff.control("br", []);
        usage(command, &mut roff);
    }
    roff.control("SH", ["DESCRIPTION"]).text([roman(about)]);
    roff.to_writer(&mut page)?;
    man.render_options_section(&mut page)?;
    // `check` is what the options above are for.
    for command in command.get_subcommands().filter(|it| it.get_name() != "check") {
        subcommand(command, &mut page)?;
    }
    let mut roff = Roff::new();
    after_help(&command, "SH", &mut roff);
    roff.control("SH", ["SEE ALSO"]).text([bold("cargo"), roman("(1)")]);
    roff.to_writer(&mut page)?;
    io.print(&String::from_utf8(page)?)
}

/// How a command is called: its forms, one below the other.
fn usage(command: &Command, roff: &mut Roff) {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name()).to_owned();
    let usage = command.clone().render_usage().to_string();
    let forms = usage.lines().map(|line| line.strip_prefix("Usage:").unwrap_or(line).trim());
    for (at, form) in forms.enumerate() {
        if at > 0 {
            roff.control("br", []);
        }
        let rest = form.strip_prefix(&name).unwrap_or(form).to_owned();
        roff.text([bold(name.clone()), roman(rest)]);
    }
}

fn subcommand(command: &Command, page: &mut Vec<u8>) -> Result<()> {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let mut roff = Roff::new();
    roff.control("SH", [name.to_uppercase().as_str()]);
    roff.text([roman(command.get_about().map(ToString::to_string).unwrap_or_default())]);
    roff.control("PP", []);
    usage(command, &mut roff);
    roff.to_writer(page)?;
    let mut options = Vec::new();
    Man::new(command.clone()).render_options_section(&mut options)?;
    // What has a section in a page of its own has a part of one here.
    page.extend(String::from_utf8(options)?.replace("\n.SH ", "\n.SS ").bytes());
    let mut roff = Roff::new();
    after_help(command, "SS", &mut roff);
    roff.to_writer(page)?;
    Ok(())
}

/// What follows the options: `Heading:` begins a part, and what is indented is a table that is not filled.
fn after_help(command: &Command, heading: &str, roff: &mut Roff) {
    let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let mut is_table = false;
    if text.lines().next().is_some_and(|line| !line.ends_with(':')) {
        roff.control(heading, ["NOTES"]);
    }
    for line in text.lines() {
        let is_row = line.starts_with("  ");
        if is_row != is_table {
            roff.control(if is_row { "nf" } else { "fi" }, []);
            is_table = is_row;
        }
        match line.strip_suffix(':') {
            _ if line.is_empty() => roff.control("PP", []),
            Some("Exit codes") => roff.control(heading, ["EXIT STATUS"]),
            Some(title) if !is_row && !title.contains(' ') => roff.control(heading, [title.to_uppercase().as_str()]),
            _ => roff.text([roman(line)]),
        };
    }
    if is_table {
        roff.control("fi", []);
    }
}
