//! Who opened a connection.

use crate::{
    catalogue,
    effects::{Effects, Origin, PeerOrigin, Value},
    facts::Expr,
};
use rustc_hash::FxHashSet;

impl Effects {
    /// Whether the workspace itself opened the connection that a value belongs to.
    pub(crate) fn peer_origin(&self, value: &Value) -> PeerOrigin {
        let mut here = value.clone();
        let mut seen = FxHashSet::default();
        while seen.insert(here.key()) {
            here = self.origin(&here);
            let file = self.file(here.expr.file);
            let next = match self.expr(&here) {
                Expr::Await(inner) | Expr::Try(inner) => Some(here.at(inner)),
                Expr::Path(_) => match self.local(here.expr).map(|(_, binding)| binding.origin) {
                    // Part of a tuple: `let (read, write) = stream.into_split();`
                    Some(Origin::Value(init) | Origin::Output(init)) => Some(here.at(init)),
                    _ => None,
                },
                Expr::MethodCall { receiver, method, .. } => {
                    if catalogue::opens_connection(&file[method]) {
                        return PeerOrigin::Connected;
                    }
                    Some(here.at(receiver))
                }
                Expr::Call { args, .. } => {
                    if self
                        .call_name(here.expr)
                        .is_some_and(|name| name.rsplit("::").next().is_some_and(catalogue::opens_connection))
                    {
                        return PeerOrigin::Connected;
                    }
                    file.at(args, 0).map(|arg| here.at(arg))
                }
                _ => None,
            };
            match next {
                Some(next) => here = next,
                None => break,
            }
        }
        PeerOrigin::Accepted
    }
}
