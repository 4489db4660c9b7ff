"""What several tests share: fakes of this service's ports and documents to try things on."""
