"""Operations of calls, endpoints, recordings and their transcriptions."""
