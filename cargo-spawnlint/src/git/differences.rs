//! What differs between two trees, or a tree and the index: names of files and of objects. No file on disk is read.

use super::{Failure, Git, pieces, unreadable};

/// One file that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its path now, from the top of the repository; the former one if it is gone.
    pub path: Vec<u8>,
    /// What it was, under this path or another; nothing if it is new.
    pub old: Option<Object>,
    /// What it is; nothing if it is gone, or if git does not know since a merge is under way.
    pub new: Option<Object>,
    /// Whether a merge has left it with conflicts.
    pub is_unmerged: bool,
}

/// What a tree or the index has at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// What it is.
    pub kind: Kind,
    /// Its name, in hexadecimal.
    pub id: String,
}

/// What there can be at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A symbolic link.
    Link,
    /// A commit of another repository.
    Submodule,
}

/// How two states are compared.
#[derive(Debug, Clone, Copy)]
pub enum Between<'a> {
    /// A tree and the index.
    TreeAndIndex(&'a str),
    /// Two trees.
    Trees(&'a str, &'a str),
}

/// Whether a file under a new name is the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renames {
    /// It is if it is like it. git reads the contents for that.
    Found,
    /// It is a new one.
    Ignored,
}

/// The files that differ.
///
/// # Errors
/// If git has no answer.
pub fn differences(git: &Git, between: Between<'_>, renames: Renames) -> Result<Vec<Difference>, Failure> {
    let renames = match renames {
        Renames::Found => "--find-renames",
        Renames::Ignored => "--no-renames",
    };
    // Of a submodule only its commit is asked for, in whatever way the repository wants to have it ignored.
    let shape = ["--raw", "-z", "--no-abbrev", "--ignore-submodules=none", "--no-ext-diff", "--no-textconv", renames];
    let args = match between {
        Between::TreeAndIndex(tree) => {
            [&["diff-index", "--cached", "--ita-invisible-in-index"], &shape[..], &[tree, "--"]].concat()
        }
        Between::Trees(old, new) => [&["diff-tree", "-r"], &shape[..], &[old, new, "--"]].concat(),
    };
    let answer = git.ask(&args)?;
    parse(&answer).ok_or_else(|| unreadable(args[0]))
}

/// The tree of the last commit; the empty one before the first.
///
/// # Errors
/// If git has no answer.
pub fn head(git: &Git) -> Result<String, Failure> {
    let head = git.run(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]).map_err(Failure::Start)?;
    let answer = if head.status.success() {
        head.stdout
    } else {
        git.ask(&["hash-object", "--no-filters", "-t", "tree", "--stdin"])?
    };
    Ok(String::from_utf8_lossy(&answer).trim().to_owned())
}

/// Reads `:100644 100755 <old> <new> M\0path\0`; after `R090` and `C090` both paths. Nothing if it is something else.
pub fn parse(answer: &[u8]) -> Option<Vec<Difference>> {
    let mut all = Vec::new();
    let mut pieces = pieces(answer);
    while let Some(head) = pieces.next() {
        let head = std::str::from_utf8(head).ok()?.strip_prefix(':')?;
        let mut words = head.split(' ');
        let (old_mode, new_mode) = (words.next()?, words.next()?);
        let (old, new, status) = (words.next()?, words.next()?, words.next()?);
        let mut path = pieces.next()?;
        if status.starts_with(['R', 'C']) {
            path = pieces.next()?;
        }
        all.push(Difference {
            path: path.to_owned(),
            old: object(old_mode, old),
            new: object(new_mode, new),
            is_unmerged: status == "U",
        });
    }
    Some(all)
}

fn object(mode: &str, id: &str) -> Option<Object> {
    Some(Object { kind: kind(mode)?, id: id.to_owned() })
}

/// What a mode means; nothing if there is nothing.
pub(super) fn kind(mode: &str) -> Option<Kind> {
    match mode.get(..3)? {
        "100" => Some(Kind::File),
        "120" => Some(Kind::Link),
        "160" => Some(Kind::Submodule),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_prints() {
        let answer = b":100644 100755 1 2 M\0a b\n.rs\0:100644 100644 1 1 R100\0old\0new\0:000000 160000 0 3 A\0sub\0\
            :120000 000000 4 0 D\0gone\0:100644 000000 5 0 U\0both\0";
        let all = parse(answer).unwrap();
        let shown = all.iter().map(|it| {
            let object =
                |it: &Option<Object>| it.as_ref().map_or("-".to_owned(), |it| format!("{:?} {}", it.kind, it.id));
            let unmerged = if it.is_unmerged { " unmerged" } else { "" };
            format!("{:?}: {}, {}{unmerged}", String::from_utf8_lossy(&it.path), object(&it.old), object(&it.new))
        });
        let expected = [
            "\"a b\\n.rs\": File 1, File 2",
            "\"new\": File 1, File 1",
            "\"sub\": -, Submodule 3",
            "\"gone\": Link 4, -",
            "\"both\": File 5, - unmerged",
        ];
        assert_eq!(shown.collect::<Vec<_>>(), expected);
        assert_eq!(parse(b""), Some(Vec::new()));
        assert_eq!(parse(b":100644 100755 1 2 M\0"), None);
        assert_eq!(parse(b"warning: x\0"), None);
    }
}
