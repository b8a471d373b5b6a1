"""Drawing what was not measured, and pooling the answers by Rubin's rules."""
