//! The fields and functions of `cuckoo`.

use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    struct NETWORK {
        /// How many names looked up match.
        dns_lookup: ((regex) -> int);
        /// How many URIs requested match.
        http_request: ((regex) -> int);
        /// How many URIs requested with GET match.
        http_get: ((regex) -> int);
        /// How many URIs requested with POST match.
        http_post: ((regex) -> int);
        /// How many user agents match.
        http_user_agent: ((regex) -> int);
        /// How many connections to this port go to a destination that matches.
        tcp: ((regex, int) -> int);
        /// How many datagram flows to this port go to a destination that
        /// matches.
        udp: ((regex, int) -> int);
        /// How many hosts match.
        host: ((regex) -> int);
    }
}

schema! {
    struct SYNC {
        /// How many mutexes match.
        mutex: ((regex) -> int);
    }
}

schema! {
    struct FILESYSTEM {
        /// How many paths of files match.
        file_access: ((regex) -> int);
    }
}

schema! {
    struct REGISTRY {
        /// How many registry keys match.
        key_access: ((regex) -> int);
    }
}

schema! {
    struct CUCKOO {
        network: NETWORK;
        sync: SYNC;
        filesystem: FILESYSTEM;
        registry: REGISTRY;
    }
}

/// The schema of `cuckoo`.
pub(crate) static SCHEMA: Schema = Schema {
    name: "cuckoo",
    doc: "Behaviour from the report of a Cuckoo sandbox.",
    root: &CUCKOO,
    implemented: true,
};
