//! The fields and functions of `dotnet`.

use crate::module::schema::Schema;
use crate::module::table::schema;

schema! {
    struct STREAM {
        name: str;
        offset: int;
        size: int;
    }
}

schema! {
    struct VERSION {
        major: int;
        minor: int;
        build_number: int;
        revision_number: int;
    }
}

schema! {
    struct ASSEMBLY {
        name: str;
        culture: str;
        version: VERSION;
    }
}

schema! {
    struct ASSEMBLY_REF {
        name: str;
        public_key_or_token: str;
        version: VERSION;
    }
}

schema! {
    struct RESOURCE {
        offset: int;
        length: int;
        name: str;
    }
}

schema! {
    struct PARAM {
        name: str;
        type: str;
    }
}

schema! {
    struct METHOD {
        name: str;
        visibility: str;
        abstract: bool;
        static: bool;
        virtual: bool;
        final: bool;
        return_type: str;
        number_of_generic_parameters: int, use "generic_parameters.len()";
        number_of_parameters: int, use "parameters.len()";
        generic_parameters: [str];
        parameters: [PARAM];
    }
}

schema! {
    struct CLASS {
        fullname: str;
        name: str;
        namespace: str;
        visibility: str;
        type: str;
        abstract: bool;
        sealed: bool;
        number_of_base_types: int, use "base_types.len()";
        number_of_generic_parameters: int, use "generic_parameters.len()";
        number_of_methods: int, use "methods.len()";
        base_types: [str];
        generic_parameters: [str];
        methods: [METHOD];
    }
}

schema! {
    struct DOTNET {
        /// True if the object is a .NET assembly.
        is_dotnet: bool;
        module_name: str;
        /// The version of the runtime that the metadata name.
        version: str;
        number_of_streams: int, use "streams.len()";
        number_of_guids: int, use "guids.len()";
        number_of_resources: int, use "resources.len()";
        number_of_generic_parameters: int (X);
        number_of_classes: int, use "classes.len()";
        number_of_assembly_refs: int, use "assembly_refs.len()";
        number_of_modulerefs: int, use "modulerefs.len()";
        number_of_user_strings: int, use "user_strings.len()";
        number_of_constants: int, use "constants.len()";
        number_of_field_offsets: int, use "field_offsets.len()";
        /// Identifier of the type library.
        typelib: str;
        streams: [STREAM];
        guids: [str];
        /// Constant strings, as UTF-16.
        constants: [str];
        assembly: ASSEMBLY;
        assembly_refs: [ASSEMBLY_REF];
        resources: [RESOURCE];
        classes: [CLASS];
        field_offsets: [int];
        /// String literals, as UTF-16.
        user_strings: [str];
        modulerefs: [str];
    }
}

/// The schema of `dotnet`.
pub(crate) static SCHEMA: Schema = Schema {
    name: "dotnet",
    doc: "Metadata of .NET assemblies.",
    root: &DOTNET,
    implemented: true,
};
