package org.likeness.format;

/** A member of one of DeepFaceLab's Python enumerations, to be written by its number. */
public record PickledMember(String module, String enumeration, int number) {}
