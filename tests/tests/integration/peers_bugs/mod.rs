//! What goes wrong with peers, and does not with ours: each fault that is known of client-go's
//! election and of leaselocker, in the situation that brings it out.

mod client_go;
mod leaselocker;
