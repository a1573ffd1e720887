//! Made material: right for its spec, and never twice the same.

use ownkey_material::{KeySpec, Material, generate};
use ownkey_model::Partition;

fn make(spec: KeySpec, partition: Partition) -> Material {
    generate(spec, partition).expect("made")
}

#[test]
fn every_kind_of_material_is_made() {
    for spec in KeySpec::ALL {
        let material = make(spec, Partition::Aws);
        assert_eq!(material.spec(), spec);
        if let Some(length) = spec.byte_length(Partition::Aws) {
            assert_eq!(material.expose().len(), length);
            assert_eq!(material.public_key_der(), None);
        } else {
            assert!(material.public_key_der().is_some());
        }
        let again = ownkey_material::Secret::new(material.expose().to_vec());
        let again = Material::from_canonical(spec, again).ok();
        assert!(again.expect("canonical").same_as(&material));
    }
}

#[test]
fn china_gets_shorter_symmetric_material() {
    let material = make(KeySpec::SymmetricDefault, Partition::AwsCn);
    assert_eq!(material.expose().len(), 16);
    let material = make(KeySpec::Hmac224, Partition::AwsCn);
    assert_eq!(material.expose().len(), 28);
}

#[test]
fn no_two_materials_are_the_same() {
    for spec in [
        KeySpec::SymmetricDefault,
        KeySpec::Hmac512,
        KeySpec::EccNistP384,
    ] {
        let (one, two) = (make(spec, Partition::Aws), make(spec, Partition::Aws));
        assert!(!one.same_as(&two));
    }
}
