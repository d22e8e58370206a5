//! Which names will do for a rule.

use anyhow::{Result, ensure};
use cargo_spawnlint::levels::with_comments;
use spawnlint_rules::rules::RULES;

/// Says why a name will not do.
pub(crate) fn check(name: &str) -> Result<()> {
    let snake = snake_case(name);
    if snake.is_empty() || !snake.starts_with(|first: char| first.is_ascii_lowercase()) {
        anyhow::bail!("'{name}' is not a name for a rule: it has to begin with a letter, as in dropped_join_handle");
    }
    ensure!(name == snake, "'{name}' is not snake_case; did you mean '{snake}'?");
    ensure!(
        name.contains('_'),
        "'{name}' is one word, and a rule's name has several, as in dropped_join_handle: \
         groups, levels and the words of Rust are single ones"
    );
    ensure!(with_comments(RULES).all(|rule| rule.name != name), "there is a rule '{name}' already");
    Ok(())
}

/// The name as it would have to be written.
fn snake_case(name: &str) -> String {
    let mut words = String::new();
    let mut is_inside_word = false;
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && is_inside_word {
            words.push(' ');
        }
        words.push(if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { ' ' });
        is_inside_word = letter.is_ascii_lowercase() || letter.is_ascii_digit();
    }
    words.split_whitespace().collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn names_that_will_not_do_are_refused() {
        let cases = [
            ("LeakedInterval", "'LeakedInterval' is not snake_case; did you mean 'leaked_interval'?"),
            ("leaked-interval", "'leaked-interval' is not snake_case; did you mean 'leaked_interval'?"),
            ("leaked__interval_", "'leaked__interval_' is not snake_case; did you mean 'leaked_interval'?"),
            ("../leaked/interval", "'../leaked/interval' is not snake_case; did you mean 'leaked_interval'?"),
            ("lecked_ïnterval", "'lecked_ïnterval' is not snake_case; did you mean 'lecked_nterval'?"),
            ("", "'' is not a name for a rule: it has to begin with a letter"),
            ("2nd_task", "'2nd_task' is not a name for a rule: it has to begin with a letter"),
            ("leak", "'leak' is one word, and a rule's name has several"),
            ("match", "'match' is one word, and a rule's name has several"),
            ("lost_task_error", "there is a rule 'lost_task_error' already"),
            ("unused_suppression", "there is a rule 'unused_suppression' already"),
        ];
        for (name, why) in cases {
            let said = check(name).expect_err(name).to_string();
            assert!(said.starts_with(why), "{said}");
        }
        check("leaked_interval").unwrap();
        check("http2_task").unwrap();
    }
}
