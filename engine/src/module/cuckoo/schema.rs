//! The fields and functions of `cuckoo`.

use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    struct NETWORK {
        dns_lookup: ((regex) -> int);
        http_request: ((regex) -> int);
        http_get: ((regex) -> int);
        http_post: ((regex) -> int);
        http_user_agent: ((regex) -> int);
        tcp: ((regex, int) -> int);
        udp: ((regex, int) -> int);
        host: ((regex) -> int);
    }
}

schema! {
    struct SYNC {
        mutex: ((regex) -> int);
    }
}

schema! {
    struct FILESYSTEM {
        file_access: ((regex) -> int);
    }
}

schema! {
    struct REGISTRY {
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
